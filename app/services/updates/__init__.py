"""Updates: the signed release feed, what is kept of it, and putting another version in the place of this one."""
