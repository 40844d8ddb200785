// What becomes of words that are kept as a draft, without a page: what is sent when, what an answer means, when to try
// again. keeping.js asks and does what is said here; texts come in whole, as the form has them at that moment.

export const PAUSE = 1500;
export const AGAIN = 10_000;
export const CARRIED = 60_000; // bytes that a browser delivers for a page that is gone: 64 KiB, all headers counted
export const MOST = 1_000_000; // bytes that the server reads of a form's words

const NOTHING = { do: "nothing" };

function bytes(text) {
  return new TextEncoder().encode(text).length;
}

// What is to be done comes back as an object, `do` says what. Where it has `ms`, `keep` is to be called again by then.
//   nothing
//   later: only that
//   post: send the words, with `act`; `carried` where the page may be gone before they arrive
//   unsaved: say `why` nothing was kept
//   renew: fetch a page for the form's new proof
//   wait: say what the server said
//   overtaken: the server has a later post than this page's last; count on from its number
//   answered: the server's answer is the page's to use, `ok` where the words were kept
export class KeepingStates {
  #now;
  #kept = null; // what the server is known to have
  #sent = null; // what it was sent last
  #busy = 0; // posts that wait for their answer
  #next = ""; // what was pressed meanwhile
  #leaving = false; // the form itself is on its way
  #renewed = false; // the form's proof was fetched anew, and no answer has come since
  #stuck = false; // the last post did not keep anything
  #quiet = 0; // until when the server keeps nothing by itself: too much was kept in this hour

  constructor(now = () => Date.now()) {
    this.#now = now;
  }

  // A form begins from what is in it.
  start(text) {
    this.#kept = this.#sent = text;
    this.#stuck = false;
  }

  // A pause, a button (`act`), a field or the page that is left (`hidden`, at last `gone`): are these words to be sent?
  // What the page still can say when it is hidden or left doesn't wait for the answer to what was said before.
  keep(text, { act = "", hidden = false, gone = false } = {}) {
    const leaves = hidden || gone;
    if (this.#leaving) return NOTHING;
    if (this.#busy && !leaves) {
      this.#next = act || this.#next; // the rest is seen to when the answer is there
      return NOTHING;
    }
    if (!act && text === (this.#busy && !gone ? this.#sent : this.#kept)) return NOTHING;
    if (!act && this.#now() < this.#quiet) return { do: "later", ms: this.#quiet - this.#now() };
    if (bytes(text) > MOST) return this.#unsaved("tooLarge");
    this.#busy += 1;
    this.#sent = text;
    return { do: "post", act, carried: leaves && bytes(text) < CARRIED };
  }

  // An answer to the post of `sent`, while `text` is in the form. `answer`: its status (0: none came), whether it was
  // `redirected`, which is to the page to sign in on, and what was `said`, undefined where that could not be read.
  answer(sent, { status, redirected = false, said }, text) {
    if (redirected) return this.#unsaved("signedOut", AGAIN);
    if (status === 0) return this.#unsaved("notKept", AGAIN);
    if (status === 403) return this.#renew();
    if (status === 413) return this.#unsaved("tooLarge");
    if (!said) return this.#unsaved("broken", AGAIN);
    this.#renewed = false;
    if (said.n) return this.#overtaken(text);
    if (status === 429) return this.#wait(1000 * said.again);
    const ok = status >= 200 && status < 300;
    this.#stuck = !ok;
    if (ok) this.#kept = sent;
    return { do: "answered", ok };
  }

  // After signing in again in another tab the form's proof is an old one: a page of now has the new one.
  #renew() {
    if (this.#renewed) return this.#unsaved("signedOut", AGAIN);
    this.#renewed = true;
    return { do: "renew" };
  }

  // Whether that page had one.
  renewed(ok) {
    return ok ? { do: "later", ms: 0 } : this.#unsaved("signedOut", AGAIN);
  }

  // The server has something that this page wrote later. Where that was before it came back from the history, what
  // stands here now counts.
  #overtaken(text) {
    return this.#busy === 1 && text !== this.#kept ? { do: "overtaken", ms: 0 } : { do: "overtaken" };
  }

  #wait(ms) {
    this.#stuck = true;
    this.#quiet = this.#now() + ms;
    return { do: "wait", ms };
  }

  #unsaved(why, ms) {
    if (this.#leaving) return NOTHING;
    this.#stuck = true;
    return ms === undefined ? { do: "unsaved", why } : { do: "unsaved", why, ms };
  }

  // A post is over, whatever became of it, and `text` is in the form; null where there is no form any more. What was
  // written or pressed meanwhile is kept now: the answer is the `act` to keep with, or null.
  ended(text) {
    this.#busy -= 1;
    if (this.#busy || text === null || !(this.#next || text !== this.#sent)) return null;
    const act = this.#next;
    this.#next = "";
    return act;
  }

  // Who leaves with words that can't be kept on the way out is asked first.
  asks(text, online) {
    if (this.#leaving || text === this.#kept) return false;
    return this.#stuck || !online || bytes(text) >= CARRIED;
  }

  // The form is sent: why it can't go, or "" where it goes.
  submit(text, online) {
    const why = online ? (bytes(text) > MOST ? "tooLarge" : "") : "notKept";
    if (!why) this.#leaving = true;
    return why;
  }

  // The page came back from the history.
  back() {
    this.#leaving = false;
  }
}
