"""One file for each story: the whole program, its window or its command line, in a temporary profile."""
