"""One owner of the queue: admission, order, leases, recovery, and the pools of workers."""
