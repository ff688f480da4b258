// A list of 32-bit words that grows, four bytes each.

export class WordList {
  length = 0
  private words: Uint32Array

  constructor(expected: number) {
    this.words = new Uint32Array(Math.max(16, expected))
  }

  push(word: number): void {
    if (this.length === this.words.length) {
      const larger = new Uint32Array(Math.ceil(this.words.length * 1.5))
      larger.set(this.words)
      this.words = larger
    }
    this.words[this.length] = word
    this.length += 1
  }

  at(index: number): number {
    return this.words[index] ?? 0
  }
}
