"""What a stand-up board says beside the plain metrics."""
