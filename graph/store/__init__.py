"""One Bolt client for every graph engine, and the child process that runs the embedded one."""
