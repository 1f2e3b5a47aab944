"""The room gateway: a subset of the Centrifuge client protocol, served by this process."""
