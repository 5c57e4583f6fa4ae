"""The developer portal: keys, usage, applications. One concept per module."""
