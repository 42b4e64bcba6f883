"""x."""
import cluster, ports
