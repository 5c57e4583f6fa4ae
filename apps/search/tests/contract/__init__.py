"""What every engine must do, asked of each of them and of the plainest one there can be."""
