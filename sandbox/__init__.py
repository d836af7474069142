"""Room: a cloud to practise on."""
