"""What runs the product on one machine: processes, front, embedded servers, copies. May import: all."""
