/// A queue whose elements of the same key come out one at a time and in order, while different keys pass each other.
///
/// A key is held from the moment its element is ready until ``release(key:)`` says that it is done. An element that is
/// to be tried again is put back with ``putBack(_:)`` and keeps its key: what was sent later does not overtake it.
@usableFromInline
package struct KeyLanes<Element: Sendable>: Sendable {
    @usableFromInline var ready = Fifo<Element>()
    /// A lane for each key that is held; in it what has to wait for its turn.
    @usableFromInline var lanes: [String: Fifo<Element>] = [:]
    /// How many wait, those that could be taken now and those behind a held key.
    @inlinable package var count: Int { waiting }
    @usableFromInline var waiting = 0

    @inlinable package init() {}

    /// Adds an element; without a key it waits for nobody.
    @inlinable
    package mutating func append(_ element: Element, key: String?) {
        waiting += 1
        guard let key else { return ready.append(element) }
        if lanes[key] == nil {
            lanes[key] = Fifo()
            ready.append(element)
        } else {
            lanes[key]?.append(element)
        }
    }

    /// True when an element of this key would have its turn at once: nobody waits, and the key is not held.
    @inlinable
    package func isFree(key: @autoclosure () -> String?) -> Bool {
        guard waiting == 0 else { return false }
        guard !lanes.isEmpty, let key = key() else { return true }
        return lanes[key] == nil
    }

    /// Holds a free key for an element that was never here, until ``release(key:)``.
    @inlinable
    package mutating func hold(key: String?) {
        if let key { lanes[key] = Fifo() }
    }

    /// Takes the first element that fits among those whose turn it is. Its key is held from here on.
    package mutating func takeFirst(where fits: (Element) -> Bool) -> Element? {
        guard let element = ready.takeFirst(where: fits) else { return nil }
        waiting -= 1
        return element
    }

    /// Takes the next element whose turn it is. Its key is held from here on.
    @inlinable
    package mutating func takeFirst() -> Element? {
        guard let element = ready.popFirst() else { return nil }
        waiting -= 1
        return element
    }

    /// Gives back an element that was taken and is not done, before all others.
    @inlinable
    package mutating func putBack(_ element: Element) {
        waiting += 1
        ready.prepend(element)
    }

    /// The element of this key that was taken is done: the next one of the key is ready.
    @inlinable
    package mutating func release(key: String?) {
        guard let key, lanes[key] != nil else { return }
        if let next = lanes[key]?.popFirst() {
            ready.append(next)
        } else {
            lanes[key] = nil
        }
    }

    /// Takes out what waits and fits; those behind it move up. `key` tells the key an element was added with.
    package mutating func remove(where fits: (Element) -> Bool, key: (Element) -> String?) -> [Element] {
        let taken = ready.remove(where: fits)
        var all = taken
        for name in lanes.keys.sorted() { all += lanes[name]?.remove(where: fits) ?? [] }
        waiting -= all.count
        for element in taken { release(key: key(element)) }
        return all
    }

    /// Takes out everything that waits, and forgets which keys are held.
    @inlinable
    package mutating func removeAll() -> [Element] {
        var all = ready.removeAll()
        for key in lanes.keys.sorted() { all += lanes[key]?.removeAll() ?? [] }
        self = KeyLanes()
        return all
    }
}
