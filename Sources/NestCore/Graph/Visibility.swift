/// What can be seen from where.
struct Visibility: Sendable {
    enum Finding {
        case record(Int)
        case ambiguous([Int])
        /// Comes with the message or request.
        case requestValue
        case moduleRef
        case nothing
    }

    let nodes: [ModuleNode]
    let requestValues: Set<Token>

    func find(_ token: Token, from module: ModuleHandle) -> Finding {
        if let records = nodes[module.index].visible[token] {
            return records.count == 1 ? .record(records[0]) : .ambiguous(records)
        }
        if token == .moduleRef { return .moduleRef }
        return requestValues.contains(token) ? .requestValue : .nothing
    }

    /// What to do about a token that cannot be seen: empty, or a clause to append to the complaint.
    func hint(about token: Token, from module: ModuleHandle) -> String {
        let node = nodes[module.index]
        let homes = nodes.filter { $0.providers[token] != nil && $0.handle != module }
        if let exporter = homes.first(where: { $0.exports(token) }) {
            return "; \(exporter.name) exports it, but \(node.name) does not import \(exporter.name)"
        }
        if let home = homes.first {
            let isImported = node.imports.contains(home.handle.index)
            return "; \(home.name) has it, but does not export it" + (isImported ? "" : " and is not imported")
        }
        let others = node.visible.keys.filter { $0.type == token.type }.map(\.description).sorted()
        return others.isEmpty ? "" : "; there is " + others.joined(separator: ", ")
    }
}

extension ModuleNode {
    func exports(_ token: Token) -> Bool {
        metadata.exports.contains { export in
            guard case .token(let exported) = export.content else { return false }
            return exported == token
        }
    }
}
