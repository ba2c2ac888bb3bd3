import SwiftSyntaxBuilder
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacrosGenericTestSupport
import Testing

@testable import NestMacrosPlugin

/// Every macro, with the conformances that the compiler finds missing on a type that has none.
let macros: [String: MacroSpec] = [
    "Blocking": MacroSpec(type: BlockingMacro.self),
    "Controller": MacroSpec(type: ControllerMacro.self, conformances: ["Controller", "EventListener"]),
    "Delete": MacroSpec(type: HandlerMarkerMacro.self),
    "EventPattern": MacroSpec(type: HandlerMarkerMacro.self),
    "Get": MacroSpec(type: HandlerMarkerMacro.self),
    "HTTPCode": MacroSpec(type: RouteSettingMacro.self),
    "Head": MacroSpec(type: HandlerMarkerMacro.self),
    "Header": MacroSpec(type: RouteSettingMacro.self),
    "Inject": MacroSpec(type: InjectMacro.self),
    "Injectable": MacroSpec(type: InjectableMacro.self, conformances: ["Injectable", "EventListener"]),
    "Message": MacroSpec(type: MessageMacro.self, conformances: ["JSONMessage"]),
    "MessagePattern": MacroSpec(type: HandlerMarkerMacro.self),
    "Module": MacroSpec(type: ModuleMacro.self, conformances: ["Module"]),
    "OnEvent": MacroSpec(type: HandlerMarkerMacro.self),
    "Options": MacroSpec(type: HandlerMarkerMacro.self),
    "Patch": MacroSpec(type: HandlerMarkerMacro.self),
    "Post": MacroSpec(type: HandlerMarkerMacro.self),
    "Put": MacroSpec(type: HandlerMarkerMacro.self),
    "Redirect": MacroSpec(type: RouteSettingMacro.self),
    "Sse": MacroSpec(type: HandlerMarkerMacro.self),
    "UseFilters": MacroSpec(type: EnhancerMacro.self),
    "UseGuards": MacroSpec(type: EnhancerMacro.self),
    "UseInterceptors": MacroSpec(type: EnhancerMacro.self),
    "UsePipes": MacroSpec(type: EnhancerMacro.self),
]

/// The same for types that conform already: nothing is missing.
private let macrosOfConformingTypes: [String: MacroSpec] = [
    "Controller": MacroSpec(type: ControllerMacro.self),
    "Injectable": MacroSpec(type: InjectableMacro.self),
    "Message": MacroSpec(type: MessageMacro.self),
    "Module": MacroSpec(type: ModuleMacro.self),
]

/// Expands `source` and compares all of the result, in which there is nothing to report.
func expectExpansion(
    _ source: String, to expanded: String, conforming: Bool = false, fileID: StaticString = #fileID,
    filePath: StaticString = #filePath, line: UInt = #line, column: UInt = #column
) {
    assertMacroExpansion(
        source, expandedSource: expanded, macroSpecs: conforming ? macrosOfConformingTypes : macros,
        failureHandler: { failure in
            let place = failure.location
            Issue.record(
                "\(failure.message)",
                sourceLocation: SourceLocation(
                    fileID: place.fileID, filePath: place.filePath, line: place.line, column: place.column))
        }, fileID: fileID, filePath: filePath, line: line, column: column)
}
