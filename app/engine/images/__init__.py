"""Pictures with stable-diffusion.cpp in a child process of its own, because that library can abort."""
