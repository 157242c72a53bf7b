// The posts of one place as this page knows them: in order, each once, each at its newest.

const MOST_KEPT = 400;
const KEPT_AFTER_TRIM = 240;

export class Feed {
  /** @param {string} place */
  constructor(place) {
    this.place = place;
    /** @type {any[]} oldest first */
    this.posts = [];
    /** @type {Map<string, any>} */
    this.byId = new Map();
    /** Older ones wait on the server. */
    this.more = false;
    /** @type {"none"|"loading"|"ready"|"failed"} */
    this.status = "none";
    this.isUnread = false;
    /** Settles when the newest are here. @type {Promise<void>|null} */
    this.loaded = null;
    /** Posts that arrived while the newest were being loaded. */
    this.early = [];
    /** Steps of running jobs that did, by post. @type {Map<string, any>} */
    this.steps = new Map();
  }

  /** Take the newest posts from the server; what is shown stays until they are here. */
  replace(posts, more, revision) {
    const kept = [...this.early, ...this.posts.filter((post) => post.revision > revision)];
    this.early = [];
    this.posts = [];
    this.byId = new Map([...this.byId].filter(([id]) => posts.some((post) => post.id === id)));
    for (const post of posts) this.#append(post);
    this.more = more;
    this.status = "ready";
    for (const post of kept) this.apply(post);
    for (const [id, frame] of this.steps) if (frame.progress > (this.byId.get(id)?.progress ?? 0)) this.progress(frame);
    this.steps.clear();
  }

  #append(post) {
    const known = this.byId.get(post.id);
    const newest = known && known.revision > post.revision ? known : post;
    if (newest.is_deleted) return;
    this.byId.set(post.id, newest);
    this.posts.push(newest);
  }

  /** Put older posts before the others. */
  prepend(posts, more) {
    const fresh = posts.filter((post) => !this.byId.has(post.id) && !post.is_deleted);
    for (const post of fresh) this.byId.set(post.id, post);
    this.posts = [...fresh, ...this.posts];
    this.more = more;
  }

  /**
   * A post as it is now. Returns what it was before (null: it is new), or undefined when the news is old.
   * @returns {any|null|undefined}
   */
  apply(post) {
    if (this.status !== "ready") {
      if (this.status === "loading") this.early.push(post);
      return undefined;
    }
    const before = this.byId.get(post.id);
    if (before) return this.#change(before, post);
    return this.#insert(post);
  }

  #change(before, post) {
    if (post.revision <= before.revision) return undefined;
    this.byId.set(post.id, post);
    this.posts = this.posts.map((shown) => (shown.id === post.id ? post : shown));
    return before;
  }

  #insert(post) {
    if (post.is_deleted) return undefined;
    const oldest = this.posts[0];
    if (this.more && oldest && post.at < oldest.at) return undefined; // loaded when scrolled to
    this.byId.set(post.id, post);
    let index = this.posts.length;
    while (index > 0 && this.posts[index - 1].at > post.at) index -= 1;
    this.posts.splice(index, 0, post);
    return null;
  }

  /** The bot began anew: what is known here is of another time. */
  forget() {
    Object.assign(this, { posts: [], byId: new Map(), early: [], more: false, status: "none" });
  }

  /** A step of a running job, in place. @returns {any|null} the post */
  progress(frame) {
    if (this.status === "loading") this.steps.set(frame.post, frame);
    const post = this.byId.get(frame.post);
    if (!post || post.progress === null || post.is_deleted) return null;
    const preview = frame.preview ?? post.preview;
    Object.assign(post, { text: frame.text, progress: frame.progress, preview });
    return post;
  }

  /** Forget the oldest when there are very many; they can be loaded again. */
  trim() {
    if (this.posts.length <= MOST_KEPT) return;
    const gone = this.posts.slice(0, this.posts.length - KEPT_AFTER_TRIM);
    for (const post of gone) this.byId.delete(post.id);
    this.posts = this.posts.slice(-KEPT_AFTER_TRIM);
    this.more = true;
  }
}
