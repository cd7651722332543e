"""What is put right or left out of a text before the encoders read it."""
