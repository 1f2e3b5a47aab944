"""Pictures of products: taken in, checked, made small, kept by what they show."""
