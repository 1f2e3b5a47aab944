"""The shared kernel: what every package needs and no feature owns; imports nothing of ours."""
