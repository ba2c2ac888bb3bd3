/// The members of a JSON object in their order. Equality does not look at the order.
public struct JSONObject: Sendable {
    /// A name and its value.
    public struct Member: Sendable {
        /// The name with escapes resolved.
        public var key: String
        /// The value.
        public var value: JSONValue

        /// A name and its value.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    private var members: [Member] = []
    /// Where names stand, kept from the size on at which looking through the members costs more.
    private var positions: [String: Int]?

    private static let indexedCount = 16

    /// An object without members.
    public init() {}

    /// An object of these members; of those with the same name the first counts.
    public init(_ members: some Sequence<Member>) {
        for member in members { append(member) }
    }

    /// The value of a member. Setting nil removes it; a new one goes to the end.
    public subscript(key: String) -> JSONValue? {
        get { position(key).map { members[$0].value } }
        set {
            switch (position(key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): insert(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The names in order.
    public var keys: [String] { members.map(\.key) }

    mutating func append(_ member: Member) {
        if position(member.key) == nil { insert(member) }
    }

    private func position(_ key: String) -> Int? {
        if let positions { return positions[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func insert(_ member: Member) {
        members.append(member)
        if positions != nil {
            positions?[member.key] = members.count - 1
        } else if members.count >= Self.indexedCount {
            indexMembers()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        if positions != nil { indexMembers() }
    }

    private mutating func indexMembers() {
        positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($0.element.key, $0.offset) })
    }
}

extension JSONObject: RandomAccessCollection {
    /// Where the first member stands.
    public var startIndex: Int { 0 }
    /// Behind the last member.
    public var endIndex: Int { members.count }
    /// A member by its place.
    public subscript(position: Int) -> Member { members[position] }
}

extension JSONObject: Hashable {
    /// Whether both have the same names with equal values.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    /// Equal objects hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        var sum = 0
        for member in self { sum = sum &+ Self.hash(of: member) }
        hasher.combine(sum)
    }

    private static func hash(of member: Member) -> Int {
        var hasher = Hasher()
        hasher.combine(member.key)
        hasher.combine(member.value)
        return hasher.finalize()
    }
}
