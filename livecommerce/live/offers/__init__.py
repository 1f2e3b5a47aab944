"""Offers: what makes a purchase cheaper, or decides who may make it."""
