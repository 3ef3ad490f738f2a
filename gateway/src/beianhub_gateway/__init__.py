"""The gRPC and HTTP edge of beianhub: servicers, interceptors and mapping."""
