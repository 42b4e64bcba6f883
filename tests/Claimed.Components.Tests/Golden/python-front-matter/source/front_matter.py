"""Says in front matter what the code does not."""
# claimed: name=Rank Pages
# claimed: category: Transform, group: Text/Ranking
# claimed: tags = text, ranking
# claimed: cpu=2 memory=4Gi gpu=1 storage=10Gi
# claimed: base=registry.example.org/base-torch:2
# claimed: colour=red
import os

damping = float(os.environ.get('damping', '0.85'))  # share that is passed on
