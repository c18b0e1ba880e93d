"""What reading from an answer gives: the steps from a response to its pictures, whoever takes them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module

_STATUS = frozenset({"status_code", "status", "ok", "is_success", "is_error", "reason", "code"})
_BODIES = frozenset({"text", "content", "read", "aread", "data", "body"})
_TEXT_METHODS = frozenset({"decode", "strip"})


def http_step(state: State, step: Step, node: ast.expr) -> State | None:
    """What an access to the answer of an HTTP client gives, or to its body. ``None``: nothing of interest."""
    kind, name = step
    module = state.module
    if state.kind == "raw" and kind == "call":
        return State(module, node, "response") if name == "json.loads" else None
    if kind != "attr":
        return None
    if state.kind == "raw":
        if name in _BODIES or name == "json":
            if is_error_branch(module, node):
                return None  # what it says there is about an error
            called = _is_called(module, node)
            made = "response" if name == "json" else "json"
            if name == "json" and not called:
                return None
            return State(module, node, made, (("call", None),) if called else ())
        if name in {"result", "raise_for_status"} and _is_called(module, node):
            return State(module, node, "raw", (("call", None),))  # some return the answer itself
    if state.kind == "json" and name in _TEXT_METHODS and _is_called(module, node):
        return State(module, node, "json", (("call", None),))
    return None


def answer_step(state: State, step: Step, node: ast.expr) -> State | None:
    """What an access gives on the whole way from the answer of an HTTP client to the url of a picture."""
    kind, name = step
    module = state.module
    if name in {"get", "pop"} and kind == "attr":
        call = module.parent(node)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
            return answer_step(state, ("key", str(call.args[0].value)), call)
    match state.kind, name:
        case "json", "json.loads":
            return State(module, node, "response")
        case "response", "data":
            return State(module, node, "data")
        case "data", None | int():
            return State(module, node, "image")
        case "image", "url":
            return State(module, node, "url")
    return http_step(state, step, node)


def _is_called(module: Module, node: ast.expr) -> bool:
    parent = module.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node


def is_error_branch(module: Module, node: ast.AST) -> bool:
    """Whether code only runs where the request failed: under a test of the status, or in a handler."""
    child: ast.AST = node
    parent = module.parent(child)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if isinstance(parent, ast.ExceptHandler):
            return True
        if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
            good = _means_success(parent.test)
            in_body = child is parent.body or (isinstance(parent.body, list) and child in parent.body)
            if good is not None and good != in_body:
                return True
        if _left_behind(parent, child):
            return True
        child, parent = parent, module.parent(parent)
    return parent is not None and _left_behind(parent, child)


def _left_behind(block: ast.AST, child: ast.AST) -> bool:
    """Whether an earlier branch for success leaves the block, so that only failures come this far."""
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(block, name, None)
        if not isinstance(statements, list) or child not in statements:
            continue
        for statement in statements[: statements.index(child)]:
            if (
                isinstance(statement, ast.If)
                and not statement.orelse
                and _means_success(statement.test) is True
                and isinstance(statement.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
            ):
                return True
    return False


def _means_success(test: ast.expr) -> bool | None:
    """Whether a test holds for success (true), for failure (false), or says nothing about it."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _means_success(operand)
            return None if inner is None else not inner
        case ast.Attribute(attr="ok" | "is_success"):
            return True
        case ast.Attribute(attr="is_error"):
            return False
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _status_test(left, op, right)
        case ast.BoolOp(op=ast.And(), values=values):
            found = [_means_success(value) for value in values]
            return True if True in found else None
        case ast.BoolOp(op=ast.Or(), values=values):
            found = [_means_success(value) for value in values]
            return False if found and all(one is False for one in found) else None
    return None


def _status_test(left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
    if not _is_status(left):
        return None
    if isinstance(op, (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        codes = [element.value for element in right.elts if isinstance(element, ast.Constant)]
        good = bool(codes) and all(isinstance(code, int) and 200 <= code < 300 for code in codes)
        if good:
            return isinstance(op, ast.In)
        return False if isinstance(op, ast.In) else None
    code = right.value if isinstance(right, ast.Constant) else _named_code(right)
    if not isinstance(code, int):
        return None
    match op:
        case ast.Eq() | ast.Is():
            return 200 <= code < 300
        case ast.NotEq() | ast.IsNot():
            return False if 200 <= code < 300 else None
        case ast.GtE() | ast.Gt():
            return False if code >= 299 else None
        case ast.Lt() | ast.LtE():
            return True if 299 <= code <= 400 else None
    return None


def _is_status(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _STATUS
    if isinstance(node, ast.Name):
        return node.id in {"status", "status_code", "code"}
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "getcode"


def _named_code(node: ast.expr) -> int | None:
    """``requests.codes.ok``, ``HTTPStatus.OK``."""
    return 200 if isinstance(node, ast.Attribute) and node.attr in {"ok", "OK"} else None
