// One record a line. A line that is not JSON is sent, too: the server refuses it with a reason, and it is told with the others.
const text = $input.first().json.text;
return text
  .split('\n')
  .map((line) => line.trim())
  .filter(Boolean)
  .map((line, index) => {
    try {
      return { json: JSON.parse(line) };
    } catch {
      return { json: { name: '', description: `Line ${index + 1} is not JSON: ${line.slice(0, 100)}` } };
    }
  });
