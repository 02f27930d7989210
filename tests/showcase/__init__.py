"""What the screenshots show: a profile full of made-up but likely things, and the scenes played in it."""
