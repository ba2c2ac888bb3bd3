/// A first-in-first-out queue that takes from its front without moving the rest.
///
/// Transports ask it for every message: its code is inlined into theirs, where the element's type is known.
@usableFromInline
package struct Fifo<Element: Sendable>: Sendable {
    /// Nil before the head: what was taken is let go of at once.
    @usableFromInline var elements: [Element?] = []
    @usableFromInline var head = 0

    @inlinable package init() {}

    /// How many wait.
    @inlinable package var count: Int { elements.count - head }

    @inlinable package var isEmpty: Bool { head == elements.count }

    /// The next to be taken.
    package var first: Element? { isEmpty ? nil : elements[head] }

    /// Shows the elements in their order, as long as `wantsMore` says so.
    @inlinable
    package func look(_ wantsMore: (Element) -> Bool) {
        for index in head..<elements.count {
            guard let element = elements[index], wantsMore(element) else { return }
        }
    }

    @inlinable package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element before all others.
    @usableFromInline package mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    @inlinable
    package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        compact()
        return element
    }

    /// Takes out the first element that fits.
    @inlinable
    package mutating func takeFirst(where fits: (Element) -> Bool) -> Element? {
        guard head < elements.count else { return nil }
        if let first = elements[head], fits(first) { return popFirst() }
        guard let index = elements[head...].firstIndex(where: { $0.map(fits) ?? false }) else { return nil }
        return elements.remove(at: index)
    }

    /// Takes out all elements that fit, in their order.
    package mutating func remove(where fits: (Element) -> Bool) -> [Element] {
        let all = removeAll()
        for element in all where !fits(element) { append(element) }
        return all.filter(fits)
    }

    /// Takes out everything.
    @usableFromInline package mutating func removeAll() -> [Element] {
        defer { self = Fifo() }
        return elements[head...].compactMap(\.self)
    }

    /// Lets go of the places of what was taken once they are the larger half; an element is moved once on average.
    @inlinable mutating func compact() {
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
    }
}
