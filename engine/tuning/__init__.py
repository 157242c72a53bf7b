"""How strong each LoRA of a stack should be: pure rules."""
