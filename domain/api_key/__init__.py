"""API keys 接口密钥: by which an organisation's own programs ask, and which scopes open what to them."""
