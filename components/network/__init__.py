"""Networks, security groups and what is looked up about them."""
