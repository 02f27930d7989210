"""Text generation with llama.cpp: the requests, the model on its thread, and the answers on the wire."""
