# nothing to run
