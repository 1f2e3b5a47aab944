"""The shared kernel: what every package needs and no feature owns. It imports nothing of ours."""
