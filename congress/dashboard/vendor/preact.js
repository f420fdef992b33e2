export { h, render, Component } from "preact";
export { useState, useEffect, useRef, useCallback } from "preact/hooks";
import { h } from "preact";
import htm from "htm";
export const html = htm.bind(h);
