"""What one Platekeeper says to another: invitations, requests and answers, as signed bundles (VI.l, IV.h)."""
