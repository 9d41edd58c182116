"""Who is this: proofs and what they allow."""
