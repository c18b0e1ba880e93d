"""What becomes of an answer: who reads a picture, what each of them takes, and how the reading is spelled."""
