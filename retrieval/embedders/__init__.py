"""Text -> vectors, behind one seam."""
