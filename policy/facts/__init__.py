"""What a rule needs beside the request: from the other resources of the stack first, else read from the cloud."""
