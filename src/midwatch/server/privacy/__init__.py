"""What is private: taken out of what comes, told of without its values, and removed of a person who asks for it."""
