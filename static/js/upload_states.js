// What becomes of files that go up one after the other, without a page: which is on its way, which wait, which could
// not go up and so go with the form, and what was refused. uploads.js sends and shows.

// A chosen file is one object for as long as the page is open: `field`, what it was chosen with; `file`; its `name`;
// and what uploads.js hangs on it.
export class UploadStates {
  #queue = [];
  #busy = null;
  #left = []; // what could not go up, or was on its way when the form went: it goes with the form
  #refused = []; // of the files since the queue was empty: {chosen, words}
  #arrived = false; // of these one was taken by the server
  #sending = false;

  get busy() {
    return this.#busy;
  }

  // Files were chosen in a field. What was chosen before with it and is not up keeps its line, but for what is tried
  // once more: those that keep it are given back.
  again(field, files) {
    const isTriedAgain = (each) => files.some((file) => file.name === each.file.name && file.size === each.file.size);
    this.#left = this.#left.filter((each) => each.field !== field || !isTriedAgain(each));
    return [...this.#left, ...(this.#busy ? [this.#busy] : []), ...this.#queue].filter((each) => each.field === field);
  }

  // They wait for their turn: the one to send now, null where one is on its way already or there is none.
  choose(chosen) {
    this.#queue.push(...chosen);
    return this.#busy ? null : this.#next();
  }

  #next() {
    this.#busy = this.#queue.shift() || null;
    return this.#busy;
  }

  // The one on its way is with the server, which has these `problems`, sentences, with its form: some are this file's,
  // others stand there since before and are said once. Returns the one to send now, null when all are done.
  up(problems) {
    const { name } = this.#busy;
    for (const words of problems) {
      const isNew = !this.#refused.some((each) => each.words === words);
      if (words.startsWith(name) || isNew) this.#refused.push({ chosen: this.#busy, words });
    }
    this.#arrived = true;
    return this.#next();
  }

  // It did not get there. Returns the one to send now, null when all are done.
  failed() {
    this.#left.push(this.#busy);
    return this.#next();
  }

  // All are done: whether the server has taken any, and what it refused. Both begin anew.
  done() {
    const ended = { arrived: this.#arrived, refused: this.#refused };
    this.#arrived = false;
    this.#refused = [];
    return ended;
  }

  // Who leaves before all are up is asked first; sending is no leaving.
  asks() {
    return this.#busy !== null && !this.#sending;
  }

  // Who sends before all are up sends them with the form: the server keeps each once. Returns the one whose way up ends
  // here, or null.
  submit() {
    this.#sending = true;
    const stopped = this.#busy;
    this.#busy = null;
    this.#left.push(...(stopped ? [stopped] : []), ...this.#queue);
    this.#queue = [];
    return stopped;
  }

  // The page came back from the history.
  back() {
    this.#sending = false;
  }

  // What could not go up and still has its line: `isShown(chosen)`.
  waiting(isShown) {
    return this.#left.filter((each) => isShown(each));
  }

  // What the form takes along beside what its fields hold: a field holds what was chosen in it last, and nothing once
  // its files are up.
  along(held, isShown) {
    return this.waiting(isShown).filter((each) => !held.includes(each.file));
  }
}
