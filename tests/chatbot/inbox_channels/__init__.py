"""What agents and visitors see of several channels."""
