"""What is sold: products, variants, prices, stock; claims become holds, holds become sales."""
