-- What a client may switch on by itself: then only the role's rights stand between a write and edu.
set transaction read write
