"""Bundle and second-item prices: cheaper together, worked out when a purchase is quoted."""
