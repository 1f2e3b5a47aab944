"""CEB, the language of the customs e-commerce system: kinds, schema, envelope, receipts."""
