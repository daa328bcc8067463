"""How much disk, network and how many machines a department needs: pure arithmetic over measured figures."""
