"""`python -m engine.workers.embed NAME`: texts in, vectors out, a line of JSON each.

Started by `engine.director.embedding_process`; ends when its input does.
"""

import json
import sys
from importlib import import_module


def main(name: str) -> None:
    """Load the embedder once, safetensors only, then answer line by line."""
    kind = import_module("sentence_transformers").SentenceTransformer
    encoder = kind(name, model_kwargs={"use_safetensors": True}, trust_remote_code=False)
    for line in sys.stdin:
        texts = json.loads(line)["texts"]
        vectors = encoder.encode(texts, normalize_embeddings=True)
        told = {"vectors": [[round(float(each), 6) for each in vector] for vector in vectors]}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
