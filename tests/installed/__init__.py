"""What the installers in dist/ do on bare machines; `make test-package` runs it, `make test` does not."""
