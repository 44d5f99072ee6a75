"""Vector stores behind one seam: Qdrant Edge in this process, or a Qdrant server."""
