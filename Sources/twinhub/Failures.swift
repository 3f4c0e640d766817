// Which error ends the program with which exit code: one conformance a module, so that the modules know nothing of exit codes.
