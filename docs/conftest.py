"""Examples in the pages run as tests; what builds the pages is no test, nor is what was built."""

collect_ignore_glob = ["*.py", "_build/*", "_extensions/*"]
